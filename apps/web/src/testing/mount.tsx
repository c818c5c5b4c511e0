import { connect, type ProgenyClient, type WebSocketLike } from '@progeny/client';
import type { ControlMessage } from '@progeny/contract';
import { ProgenyProvider } from '@progeny/react';
import { act, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import { createAccess } from '../api/access.ts';
import { createProgenyApi } from '../api/progeny-api.ts';
import { AppContext } from '../app-context.ts';

type Hear = Parameters<WebSocketLike['addEventListener']>[1];

/** A gateway that says nothing of itself: what is shown comes from the manager, and from what a test has it say. */
function createGateway() {
  const listeners = new Set<Hear>();
  class SilentSocket implements WebSocketLike {
    addEventListener(type: string, listener: Hear): void {
      if (type === 'message') listeners.add(listener);
    }
    send(): void {}
    close(): void {}
  }
  const say = (message: ControlMessage): void => {
    for (const hear of listeners) hear({ type: 'message', data: JSON.stringify(message) });
  };
  return { SilentSocket, say };
}

export interface Mounted {
  container: HTMLElement;
  client: ProgenyClient;
  /** The gateway says this. */
  say(message: ControlMessage): void;
  /** Each request to the manager, such as `POST /v1/jobs/a/pause`. */
  requests: string[];
  /** Where the page is. */
  path(): string;
  render(element: ReactElement): void;
  /** The one element with this text, of those that match. */
  find(selector: string, text?: string): HTMLElement;
  has(selector: string, text?: string): boolean;
  click(element: HTMLElement): Promise<void>;
  unmount(): void;
}

/** Mounts a part of the page as the page does. `answer` is the manager: a promise that never ends keeps a request open. */
export function mount(
  element: ReactElement,
  answer: (request: string, init?: RequestInit) => Response | Promise<Response> = () =>
    new Response(null, { status: 503 }),
): Mounted {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const requests: string[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = `${init?.method ?? 'GET'} ${input}`;
    requests.push(request);
    return answer(request, init);
  };
  const { SilentSocket, say } = createGateway();
  const client = connect({ url: 'ws://gateway/ws', apiUrl: '', WebSocket: SilentSocket, fetch });
  const access = createAccess();
  const api = createProgenyApi({ baseUrl: '', fetch, onAccess: access.set });
  const { hook, history } = memoryLocation({ path: '/jobs/a', record: true });
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const render = (next: ReactElement): void =>
    act(() =>
      root.render(
        <ProgenyProvider client={client}>
          <AppContext value={{ api, access }}>
            <Router hook={hook}>{next}</Router>
          </AppContext>
        </ProgenyProvider>,
      ),
    );
  render(element);
  const all = (selector: string, text = ''): HTMLElement[] =>
    [...container.querySelectorAll<HTMLElement>(selector)].filter((found) =>
      found.textContent?.includes(text),
    );
  return {
    container,
    client,
    say,
    requests,
    path: () => history.at(-1) ?? '',
    render,
    has: (selector, text) => all(selector, text).length > 0,
    find: (selector, text) => {
      const [found, ...more] = all(selector, text);
      if (!found || more.length > 0)
        throw new Error(`${more.length + 1} of ${selector}: ${container.innerHTML}`);
      return found;
    },
    // Whatever the click has asked for is answered and shown when it resolves.
    click: (target) => act(async () => target.click()),
    unmount: () => {
      act(() => root.unmount());
      client.close();
      container.remove();
    },
  };
}
