/** @jest-environment @happy-dom/jest-environment */

import { progressOf } from '@progeny/client/testing';
import { act } from 'react';
import { FakeClient } from '../src/testing/fake-client.ts';
import { mount } from '../src/testing/mount.tsx';
import { JobBoard } from './job-board.tsx';

test('the example shows the connection and every job, live', () => {
  const fake = new FakeClient({ status: 'live', since: 0, via: 'websocket' });
  const page = mount(<JobBoard client={fake.client} />);
  expect(page.container.textContent).toBe('live');
  act(() => fake.accept(progressOf('a', 1)));
  act(() => fake.accept(progressOf('a', 2)));
  act(() => fake.setState({ status: 'polling', since: 1 }));
  expect(page.container.querySelector('[role="status"]')?.textContent).toBe('polling');
  expect([...page.container.querySelectorAll('li')].map(({ textContent }) => textContent)).toEqual([
    '99%: 0 pending, 0 running, 2 completed, 0 failed',
  ]);
  page.unmount();
  expect(fake.held).toEqual({ watchers: [], listeners: 0 });
});
