import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { findChromium, workspaceRoot } from '@progeny/infra';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** The machine's Chromium, without its own traffic. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (!executablePath) throw new Error('no Chromium here: apt-get install chromium, or set CHROMIUM_PATH');
  return chromium.launch({
    executablePath,
    args: [
      // As root Chromium starts without a sandbox only; the pages are our own.
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** Without motion: nobody looks on, and without a graphics card it takes as long as all the rest. */
export const openPage = (browser: Browser, options: BrowserContextOptions = {}): Promise<Page> =>
  browser.newPage({ reducedMotion: 'reduce', ...options });

/** Everything the page complained of: console errors, exceptions, requests refused by its policy. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}

/** Keeps a picture in e2e/artifacts, which is not committed. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = path.join(workspaceRoot(), 'e2e/artifacts');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** Every text that the counters show from now on, without a gap: the page itself takes note of each change. */
export async function recordProgressTexts(page: Page): Promise<() => Promise<string[]>> {
  await page.getByTestId('progress-text').waitFor();
  await page.evaluate(() => {
    const seen: string[] = [];
    const look = () => {
      const text = document.querySelector('[data-testid="progress-text"]')?.textContent ?? '';
      if (text && seen.at(-1) !== text) seen.push(text);
    };
    look();
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    Object.assign(globalThis, { seenProgressTexts: seen });
  });
  return () =>
    page.evaluate(() => (globalThis as unknown as { seenProgressTexts: string[] }).seenProgressTexts);
}
