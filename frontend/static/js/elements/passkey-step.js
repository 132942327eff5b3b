/**
 * What <passkey-use> and <passkey-add> have in common. Inside: [data-unable] is seen until the browser turns out to be
 * able, [data-able] from then on; [data-busy] while the device asks; [data-trouble] holds one sentence for each
 * [data-code] of our own, [data-said] for what the service said, and
 * [data-reference] for the number that its log knows it by.
 */

import { NotDone, canUsePasskeys } from '../passkeys.js';

const STEP_UP = 'step_up_needed';

export class PasskeyStep extends HTMLElement {
  connectedCallback() {
    if (!canUsePasskeys()) return;
    for (const part of this.querySelectorAll('[data-able]')) part.toggleAttribute('hidden', false);
    for (const part of this.querySelectorAll('[data-unable]')) part.toggleAttribute('hidden', true);
    this.begin();
  }

  /** Wait for the person to start it. */
  begin() {}

  /** @param {(at: string, token: string, more: Record<string, string>) => Promise<string>} step @param {Record<string, string>} more */
  async take(step, more) {
    this.#show('');
    this.#busy(true);
    try {
      const next = await step(this.getAttribute('at') ?? '', this.getAttribute('token') ?? '', {
        next: this.getAttribute('next') ?? '/',
        ...more,
      });
      location.assign(next);
    } catch (error) {
      this.#busy(false);
      if (!(error instanceof NotDone)) throw error;
      if (error.code === STEP_UP) location.assign(`/auth/step-up?next=${encodeURIComponent(location.pathname)}`);
      else this.#show(error.code, error.text, error.request);
    }
  }

  /** @param {boolean} busy */
  #busy(busy) {
    for (const button of this.querySelectorAll('button')) button.disabled = busy;
    this.querySelector('[data-busy]')?.toggleAttribute('hidden', !busy);
  }

  /** @param {string} code @param {string} [text] @param {string} [request] */
  #show(code, text = '', request = '') {
    const said = this.querySelector('[data-said]');
    if (said) said.textContent = text;
    said?.toggleAttribute('hidden', text === '');
    const reference = this.querySelector('[data-reference]');
    if (reference) reference.textContent = `${code} · ${request}`;
    reference?.toggleAttribute('hidden', request === '');
    for (const sentence of this.querySelectorAll('[data-code]')) {
      sentence.toggleAttribute('hidden', text !== '' || sentence.getAttribute('data-code') !== code);
    }
    this.querySelector('[data-trouble]')?.toggleAttribute('hidden', code === '');
  }
}
