import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// What a test waits for comes, or it fails: a machine that is busy with other tests takes its time.
configure({ asyncUtilTimeout: 15_000 });

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
  sessionStorage.clear();
});
