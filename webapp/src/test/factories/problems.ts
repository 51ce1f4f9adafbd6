import { HttpResponse } from 'msw';

interface Refusal {
  status: number;
  code: string;
  [member: string]: unknown;
}

/** A problem+json answer. */
export const refuse = (problem: Refusal) =>
  HttpResponse.json(
    {
      type: 'about:blank',
      title: problem.code,
      request_id: 'req_1',
      retryable: false,
      errors: [],
      ...problem,
    },
    { status: problem.status, headers: { 'Content-Type': 'application/problem+json' } },
  );
