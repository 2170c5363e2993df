/** The identity provider said no. `code` is its own word for why, such as `CodeMismatchException`; the message is for
 * the user. */
export class PoolRefused extends Error {
  readonly code: string;
  readonly said: string;

  constructor(code: string, said: string) {
    super(/attempts exceeded/i.test(said) ? TOO_MANY : (WORDS[code] ?? (said || "The user pool refused.")));
    this.code = code;
    this.said = said;
  }
}

const MISFIT = "The code does not fit. Enter the one that the app shows now; a phone whose clock is wrong shows wrong codes.";
const TOO_MANY = "Too many attempts. The user pool takes no more for now: wait some minutes, then try again.";

/** What says too little, or too technical, in the pool's own words. */
const WORDS: Readonly<Record<string, string>> = {
  CodeMismatchException: MISFIT,
  EnableSoftwareTokenMFAException: MISFIT,
  ExpiredCodeException: "The code was used already, or is too old. Wait until the app shows the next one.",
  LimitExceededException: TOO_MANY,
  TooManyRequestsException: TOO_MANY,
  TooManyFailedAttemptsException: TOO_MANY,
  SoftwareTokenMFANotFoundException: "The user pool knows of no authenticator app here.",
  PasswordHistoryPolicyViolationException: "This password was used before. Choose another.",
};

/** One operation of the identity provider, which needs no AWS credentials. Raises PoolRefused, and TypeError when
 * there is no answer. */
export async function askPool(endpoint: string, operation: string, body: Record<string, unknown>): Promise<unknown> {
  const reply = await fetch(endpoint, {
    method: "POST",
    credentials: "omit",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(body),
  });
  if (reply.status >= 500) throw new TypeError(`the user pool answered ${reply.status}`);
  const text = await reply.text();
  const told: unknown = text ? JSON.parse(text) : {};
  if (reply.ok) return told;
  const { __type = "", message = "" } = told as { __type?: string; message?: string };
  throw new PoolRefused(__type.replace(/^.*#/, ""), message);
}
