/** <passkey-add at="…" next="…" token="…"> makes a passkey when its form is sent; the form's fields go with it. */

import { make } from '../passkeys.js';
import { PasskeyStep } from './passkey-step.js';

class PasskeyAdd extends PasskeyStep {
  begin() {
    this.querySelector('form')?.addEventListener('submit', (event) => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) this.take(make, textsOf(event.target));
    });
  }
}

/** @param {HTMLFormElement} form @returns {Record<string, string>} its fields by name */
function textsOf(form) {
  return Object.fromEntries(Array.from(new FormData(form), ([name, value]) => [name, String(value)]));
}

customElements.define('passkey-add', PasskeyAdd);
