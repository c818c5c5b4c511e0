import type { ConnectionState, JobEvent } from '@progeny/client';
import { act, type ReactElement, StrictMode } from 'react';
import { ProgenyProvider } from '../index.ts';
import { FakeClient } from './fake-client.ts';
import { type Mounted, mount } from './mount.tsx';

const LIVE: ConnectionState = { status: 'live', since: 1, via: 'websocket' };

/** A client, a page and a clock in the hand of a test, which leaves nothing behind. */
export interface TimedScene {
  fake: FakeClient;
  show(element: ReactElement): void;
  shown(): string | null | undefined;
  press(id: string): void;
  pass(ms: number): Promise<void>;
  tell(...events: JobEvent[]): void;
}

export const within = (fake: FakeClient, element: ReactElement): ReactElement => (
  <StrictMode>
    <ProgenyProvider client={fake.client}>{element}</ProgenyProvider>
  </StrictMode>
);

export function createTimedScene(): TimedScene {
  let page: Mounted | undefined;
  const scene: TimedScene = {
    fake: new FakeClient(LIVE),
    show(element) {
      if (page) page.render(within(scene.fake, element));
      else page = mount(within(scene.fake, element));
    },
    shown: () => page?.container.textContent,
    press: (id) => act(() => page?.container.querySelector<HTMLElement>(`#${id}`)?.click()),
    pass: (ms) =>
      act(async () => {
        await jest.advanceTimersByTimeAsync(ms);
      }),
    tell: (...events) =>
      act(() => {
        for (const event of events) scene.fake.emit(event);
      }),
  };
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
    scene.fake = new FakeClient(LIVE);
  });
  afterEach(() => {
    page?.unmount();
    page = undefined;
    expect(scene.fake.held).toEqual({ watchers: [], listeners: 0 });
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
  return scene;
}
