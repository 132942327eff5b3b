/**
 * <copy-text> around an input [data-text] and a button [data-copy], which shows itself where the browser can copy.
 */

class CopyText extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector('[data-copy]');
    const text = this.querySelector('[data-text]');
    if (!(button instanceof HTMLButtonElement) || !(text instanceof HTMLInputElement)) return;
    text.addEventListener('focus', () => text.select());
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener('click', () => void this.#copy(button, text));
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {HTMLInputElement} text
   */
  async #copy(button, text) {
    const said = this.querySelector('[data-said]');
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = 'Copied';
      if (said) said.textContent = 'The link is copied.';
    } catch {
      text.select();
      if (said) said.textContent = 'It could not be copied. The link is selected: copy it from there.';
    }
  }
}

customElements.define('copy-text', CopyText);
