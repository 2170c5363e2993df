/** What to do about a failed request, which is why the kinds are apart:
 * `away`, `timeout`, `busy`, `server`: ask again · `signed-out`: sign in · `gone`, `conflict`: load anew ·
 * `misfit`: correct the fields · `broker`: the broker did not answer · `unexpected`: tell us. */
export type ProblemKind =
  | "away"
  | "timeout"
  | "busy"
  | "server"
  | "signed-out"
  | "gone"
  | "conflict"
  | "misfit"
  | "broker"
  | "unexpected";

const PASSING: readonly ProblemKind[] = ["away", "timeout", "busy", "server"];

/** The one error of a request: what was wrong, and each line that the API wrote about it. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly kind: ProblemKind;
  readonly status: number | null;
  /** All lines, each as `field: what is wrong; what to do`, or without a field. */
  readonly problems: readonly string[];
  /** The lines by their field (`credentials.pin`, `legs.0.lots`); what names no field is under `""`. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** Whether the API would do the same with `force=true`. */
  readonly forceHelps: boolean;

  constructor(kind: ProblemKind, message: string, { status = null, problems = [], forceHelps = false, cause }: { status?: number | null; problems?: readonly string[]; forceHelps?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.kind = kind;
    this.status = status;
    this.problems = problems;
    this.fields = byField(problems);
    this.forceHelps = forceHelps;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return PASSING.includes(this.kind);
  }

  /** What was said of a field and of what is in it, without its name. */
  of(field: string): string | undefined {
    const told = [...this.fields].filter(([name]) => name === field || name.startsWith(`${field}.`));
    return told.length ? told.flatMap(([, lines]) => lines).join(" ") : undefined;
  }
}

const FIELD = /^([A-Za-z_][\w.[\]-]*): (.+)$/s;

function byField(problems: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of problems) {
    const [, field = "", told = line] = FIELD.exec(line) ?? [];
    found.set(field, [...(found.get(field) ?? []), told]);
  }
  return found;
}

const KINDS: Readonly<Record<number, ProblemKind>> = {
  401: "signed-out",
  403: "signed-out",
  404: "gone",
  409: "conflict",
  422: "misfit",
  429: "busy",
};

/** The error of an answer that is no success: of the API (`message`, `problems`), or of the gateway before it. */
export function problemOf(status: number, body: unknown): ProblemError {
  const { message, problems, force_helps } = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const lines = Array.isArray(problems) ? problems.filter((line) => typeof line === "string") : null;
  const told = typeof message === "string" && lines ? sentence(message) : null;
  return new ProblemError(kindOf(status, lines !== null), told ?? WORDS[kindOf(status, false)], { status, problems: lines ?? [], forceHelps: force_helps === true });
}

/** A 502 or 503 with a reason is the broker's; one without is the gateway's. */
function kindOf(status: number, explained: boolean): ProblemKind {
  if (status === 502 && explained) return "broker";
  if (status === 503 && explained) return "busy";
  return status >= 500 ? "server" : (KINDS[status] ?? "unexpected");
}

const WORDS: Readonly<Record<ProblemKind, string>> = {
  away: "Legwise does not answer.",
  timeout: "Legwise did not answer in time.",
  busy: "Too many requests at once. Try again in a moment.",
  server: "Something went wrong at Legwise.",
  "signed-out": "Your sign-in is not accepted. Sign in again.",
  gone: "It is not there any more.",
  conflict: "It was changed in the meantime. Load it anew.",
  misfit: "The request does not fit.",
  broker: "The broker did not answer.",
  unexpected: "Legwise answered something unexpected.",
};

/** The error of a request that had no answer. What was to change something may have been done all the same. */
export function unanswered(cause: unknown, method: string): ProblemError {
  const kind = cause instanceof DOMException && cause.name === "TimeoutError" ? "timeout" : "away";
  const reads = method === "GET" || method === "HEAD";
  return new ProblemError(kind, reads ? WORDS[kind] : `${WORDS[kind]} It is not known whether it was done: look before you try again.`, { cause });
}

/** Any error as something to show. */
export function problemFrom(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError("unexpected", error instanceof Error ? error.message : WORDS.unexpected, { cause: error });
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
