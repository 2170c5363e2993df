import { useMemo } from "react";

import { qrPathOf } from "./qr_path";

/** Dark on light in either theme, as readers expect. Drawn with attributes only, since the content security policy
 * allows no inline style. */
export function QrCode({ text }: { text: string }) {
  const { size, path } = useMemo(() => qrPathOf(text), [text]);
  return (
    <svg role="img" aria-label="QR code of the key" viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" className="size-48 rounded-md border bg-white text-black">
      <path d={path} fill="currentColor" />
    </svg>
  );
}
