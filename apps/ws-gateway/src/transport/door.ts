import type { IncomingMessage } from 'node:http';
import { LIMITS, type ProblemCode, TICKET_PREFIX } from '@progeny/contract';
import type { Identity } from '@progeny/core';
import {
  type AdmissionSettings,
  type Authenticator,
  admit,
  hashTicket,
  IdentityError,
  isHostAllowed,
} from '@progeny/identity';
import type { JobStore } from '@progeny/job-store';
import { createPlaces, isTransient } from '@progeny/kit';

/** Who is at the other end, and until when; null for ever. */
export interface Visitor {
  identity: Identity;
  expiresAtMs: number | null;
}

/** Refused before there is a connection; the code is that of the problem to answer. */
export class RefusedError extends Error {
  constructor(
    readonly code: ProblemCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
    this.name = 'RefusedError';
  }
}

/** Decides who comes in, for every transport alike. */
export interface Door {
  /** Who sends this request; null for somebody who may still say so. Rejects with RefusedError. */
  identify(request: IncomingMessage): Promise<Visitor | null>;
  /** Whose token this is. Rejects with IdentityError. */
  verify(token: string): Promise<Visitor>;
  /** Takes one of the places that this visitor has; null when all are taken. The answer gives it back. */
  enter(visitor: Visitor): (() => void) | null;
}

export interface DoorParts {
  settings: AdmissionSettings;
  authenticator: Authenticator;
  store: Pick<JobStore, 'takeTicket'>;
  now: () => number;
}

export function createDoor({ settings, authenticator, store, now }: DoorParts): Door {
  const { anonymous } = authenticator;
  // Without tokens everybody is the same user, so nobody is counted.
  const places = createPlaces({ each: anonymous ? Infinity : LIMITS.wsConnectionsPerUser });

  const verify = async (token: string): Promise<Visitor> =>
    anonymous ? { identity: anonymous, expiresAtMs: null } : authenticator.verify(token);

  const redeem = async (ticket: string): Promise<Visitor> => {
    const taken = await store.takeTicket(hashTicket(ticket));
    if (!taken || (taken.expiresAtMs !== null && taken.expiresAtMs <= now())) {
      throw new RefusedError('unauthenticated');
    }
    const { expiresAtMs, ...identity } = taken;
    return { identity, expiresAtMs };
  };

  return {
    verify,
    async identify(request) {
      const admission = admit(request.headers, settings);
      if (admission === 'forbidden_origin') throw new RefusedError('forbidden_origin');
      if (anonymous) {
        // A page whose own name leads here is of the same origin, and its reads carry none.
        if (!isHostAllowed(request.headers, settings.ALLOWED_ORIGINS))
          throw new RefusedError('forbidden_origin');
        return { identity: anonymous, expiresAtMs: null };
      }
      try {
        const ticket = ticketIn(request);
        if (ticket !== undefined) return await redeem(ticket);
        return admission === 'none' ? null : await verify(admission.token);
      } catch (error) {
        throw toRefused(error);
      }
    },
    enter: ({ identity: { tenantId, userId } }) => places.take(`${tenantId}/${userId}`),
  };
}

function ticketIn(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  return offered.find((name) => name.startsWith(TICKET_PREFIX))?.slice(TICKET_PREFIX.length);
}

function toRefused(error: unknown): unknown {
  if (error instanceof IdentityError) {
    return new RefusedError(error.retryable ? 'unavailable' : 'unauthenticated', { cause: error });
  }
  return isTransient(error) ? new RefusedError('unavailable', { cause: error }) : error;
}
