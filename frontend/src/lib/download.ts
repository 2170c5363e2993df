const KINDS = { yaml: "application/yaml", json: "application/json", csv: "text/csv;charset=utf-8" };

/** Lets the browser keep a text as a file. */
export function download(filename: string, content: string, kind: keyof typeof KINDS): void {
  const address = URL.createObjectURL(new Blob([content], { type: KINDS[kind] }));
  const link = document.createElement("a");
  link.href = address;
  link.download = filename;
  link.click();
  // The browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
