// Simulates an input method for languages such as Japanese, Chinese or Korean, which composes a word before the word is
// inserted.

import type { CDPSession, Page } from "@playwright/test";

export class InputMethod {
  private constructor(private readonly browser: CDPSession) {}

  static async of(page: Page): Promise<InputMethod> {
    return new InputMethod(await page.context().newCDPSession(page));
  }

  /** Shows the unfinished word in the focused field. */
  async compose(text: string): Promise<void> {
    await this.browser.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  }

  /** Ends the composition and inserts the chosen word. */
  async end(text: string): Promise<void> {
    await this.browser.send("Input.insertText", { text });
  }

  /** Presses a key that the input method handles: the page receives the event, and the browser takes no action. */
  async press(key: string, windowsVirtualKeyCode = 0): Promise<void> {
    await this.browser.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key, code: key, windowsVirtualKeyCode });
    await this.browser.send("Input.dispatchKeyEvent", { type: "keyUp", key, code: key, windowsVirtualKeyCode });
  }
}
