/** <passkey-use at="…" next="…" token="…"> asks for a passkey when its [data-start] is pressed. */

import { prove } from '../passkeys.js';
import { PasskeyStep } from './passkey-step.js';

class PasskeyUse extends PasskeyStep {
  begin() {
    this.querySelector('[data-start]')?.addEventListener('click', () => this.take(prove, {}));
  }
}

customElements.define('passkey-use', PasskeyUse);
