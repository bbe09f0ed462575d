import type { FieldIssue } from "@core/registry";

/** Every code the HTTP layer answers with, and its status. A code is permanent once released. */
export const problemStatuses = {
  API_KEY_MISSING: 401,
  API_KEY_WRONG: 401,
  BODY_INVALID: 422,
  BODY_MALFORMED: 400,
  BODY_TOO_LARGE: 413,
  BODY_TYPE_UNSUPPORTED: 415,
  CURSOR_INVALID: 400,
  DATABASE_UNAVAILABLE: 503,
  DELIVERY_NOT_FOUND: 404,
  DELIVERY_NOT_RETRYABLE: 409,
  DESTINATION_NOT_FOUND: 404,
  DISPATCH_TARGET_INVALID: 422,
  DISPATCH_TYPE_UNKNOWN: 422,
  ENCRYPTION_KEY_MISSING: 500,
  ENCRYPTION_KEY_WRONG: 500,
  FILE_LINK_EXPIRED: 410,
  FILE_LINK_WRONG: 403,
  FILE_NOT_FOUND: 404,
  HOST_REFUSED: 403,
  INTEGRATIONS_INPUT_INVALID: 422,
  INTERNAL_ERROR: 500,
  METHOD_NOT_ALLOWED: 405,
  ORIGIN_REFUSED: 403,
  PATH_INVALID: 400,
  QUERY_INVALID: 400,
  ROUTE_NOT_FOUND: 404,
  SCHEDULE_CONFLICT: 409,
  SCHEDULE_ID_INVALID: 400,
  SCHEDULE_INVALID: 422,
  SCHEDULE_NOT_FOUND: 404,
  STATE_CLOSED: 503,
  STATE_CORRUPT: 500,
  STATE_LOCK_TIMEOUT: 503,
  STATE_UNREADABLE: 503,
  STATE_VERSION_UNSUPPORTED: 500,
  STATE_WRITE_FAILED: 503,
  TASK_COMPLETE: 409,
  TASK_ENDED: 409,
  TASK_IDEMPOTENCY_CONFLICT: 409,
  TASK_ID_INVALID: 400,
  TASK_INVALID: 422,
  TASK_NOT_ENDED: 409,
  TASK_NOT_FOUND: 404,
  WEBHOOK_NOT_FOUND: 404,
} as const;

export type ProblemCode = keyof typeof problemStatuses;

export type ProblemStatus = (typeof problemStatuses)[ProblemCode];

/** The body of an error answer: RFC 9457 with our code and, where fields are wrong, a list of them. */
export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: ProblemStatus;
  /** What happened and what to do. */
  readonly detail: string;
  readonly code: ProblemCode;
  readonly request_id: string;
  readonly errors?: readonly FieldIssue[];
}

export interface ProblemOptions {
  readonly errors?: readonly FieldIssue[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown anywhere below a route; the app answers with it. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.code = code;
    this.options = options;
  }
}

/** Writes a problem as an answer. */
export function problemResponse({ code, message, options }: ProblemError, requestId: string): Response {
  const status = problemStatuses[code];
  const problem: Problem = {
    type: "about:blank",
    title: titles[status],
    status,
    detail: message,
    code,
    request_id: requestId,
    ...(options.errors && { errors: options.errors }),
  };
  const headers = { ...options.headers, "content-type": "application/problem+json" };
  return new Response(JSON.stringify(problem), { status, headers });
}

const titles: Readonly<Record<ProblemStatus, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
