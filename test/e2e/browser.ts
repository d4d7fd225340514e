/**
 * Headless Chromium with one page, and everything that went wrong in it: console errors, exceptions, CSP violations, failed
 * requests. Owner closes it. Pictures of the page go to the folder LOOKOUT_SCREENSHOTS, where that is set.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface ViewOptions {
  readonly widthPx?: number;
  readonly heightPx?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export class View implements AsyncDisposable {
  readonly page: Page;
  readonly troubles: string[] = [];
  readonly #browser: Browser;

  /** Starts the browser, which takes its time; `page.goto` shows something. */
  static async open({ widthPx = 1280, heightPx = 800, colorScheme = 'dark' }: ViewOptions = {}): Promise<View> {
    const browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
    const viewport = { width: widthPx, height: heightPx };
    const page = await browser.newPage({ viewport, colorScheme });
    const view = new View(browser, page);
    await page.addInitScript({ path: join(import.meta.dirname, 'observe.js') });
    return view;
  }

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.troubles.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.troubles.push(`exception: ${error.message}`));
    page.on('response', (answer) => {
      if (answer.status() >= 400) this.troubles.push(`${answer.status()} ${answer.url()}`);
    });
  }

  /** What the page itself noticed: see observe.js. */
  async noted(): Promise<Noted> {
    return await this.page.evaluate<Noted>('lookoutNoted');
  }

  /** Only for people who want to look, and say where to. */
  async screenshot(name: string): Promise<void> {
    const folder = process.env['LOOKOUT_SCREENSHOTS'];
    if (folder === undefined) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

export interface Noted {
  readonly violations: string[];
  /** clip time in seconds whenever a video said that it moved on */
  readonly times: number[];
  /** greatest number of boxes that were drawn at once, and of pixels they covered */
  readonly boxes: { count: number; pixels: number };
  /** texts of the event's state, in the order they were shown */
  readonly states: string[];
}
