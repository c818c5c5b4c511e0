import type { Headers } from '@progeny/event-bus';
import { type MsgHdrs, MsgHdrsImpl } from 'nats';

/** Headers that are written once and sent often: the client would write them anew for each message. */
class WireHeaders extends MsgHdrsImpl {
  #bytes: Uint8Array | undefined;

  constructor(headers: Headers) {
    super();
    for (const [name, value] of Object.entries(headers)) this.set(name, value);
  }

  override encode(): Uint8Array {
    this.#bytes ??= super.encode();
    return this.#bytes;
  }
}

const written = new WeakMap<Headers, MsgHdrs>();

/** As they go over the wire; those of `encodeEvent`, which do not change. */
export function wireHeaders(headers: Headers): MsgHdrs {
  const known = written.get(headers);
  if (known) return known;
  const wire = new WireHeaders(headers);
  written.set(headers, wire);
  return wire;
}
