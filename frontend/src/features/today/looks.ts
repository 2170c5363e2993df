/** The look of a button that names a scope: it breaks a long name instead of leaving a small screen. */
export const FOR_LONG_NAMES = "h-auto min-h-9 min-w-0 shrink py-1.5 whitespace-normal wrap-anywhere pointer-coarse:h-auto pointer-coarse:min-h-11";
