// An input method, as one types Japanese, Chinese or Korean with: a word is composed before it is there.

import type { CDPSession, Page } from "@playwright/test";

export class InputMethod {
  private constructor(private readonly browser: CDPSession) {}

  static async of(page: Page): Promise<InputMethod> {
    return new InputMethod(await page.context().newCDPSession(page));
  }

  /** The word so far, in the field that has the focus. */
  async compose(text: string): Promise<void> {
    await this.browser.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  }

  /** The word as it was chosen. */
  async end(text: string): Promise<void> {
    await this.browser.send("Input.insertText", { text });
  }

  /** A key that the method takes: the page is told of it, and the browser does nothing by it. */
  async press(key: string, windowsVirtualKeyCode = 0): Promise<void> {
    await this.browser.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key, code: key, windowsVirtualKeyCode });
    await this.browser.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key, windowsVirtualKeyCode });
  }
}
