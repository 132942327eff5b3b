import assert from 'node:assert/strict';
import test from 'node:test';

const parts = { '[data-at]': { textContent: '' }, '[data-somebody]': { hidden: true, toggleAttribute: (_, on) => (parts['[data-somebody]'].hidden = on) } };
const listeners = new Map();
let defined = null;
globalThis.HTMLElement ??= class {};
globalThis.customElements = { define: (_, element) => (defined = element) };
globalThis.addEventListener = (name, act) => listeners.set(name, act);
globalThis.removeEventListener = (name) => listeners.delete(name);
globalThis.EventSource = class {
  static last = null;
  heard = new Map();
  isOpen = true;
  constructor(src) {
    this.src = src;
    EventSource.last = this;
  }
  addEventListener(name, act) {
    this.heard.set(name, act);
  }
  say(name, data) {
    this.heard.get(name)({ data: JSON.stringify(data) });
  }
  close() {
    this.isOpen = false;
  }
};
await import('../../frontend/static/js/elements/next-door.js');

function connected() {
  const element = new defined();
  element.getAttribute = () => '/today/waiting?after=1';
  element.querySelector = (selector) => parts[selector];
  element.connectedCallback();
  return EventSource.last;
}

const shown = () => (parts['[data-somebody]'].hidden ? null : parts['[data-at]'].textContent);

test('whoever comes for a later time is told with that time, until they go', () => {
  const source = connected();
  assert.equal(source.src, '/today/waiting?after=1');
  source.say('waiting', []);
  assert.equal(shown(), null);
  source.say('waiting', [{ at: '11:00' }, { at: '12:30' }]);
  assert.equal(shown(), '11:00 and 12:30');
  source.say('waiting', []);
  assert.equal(shown(), null);
});

test('what may be so no more is not shown: a lost line, the end of the session, a page that is left', () => {
  for (const [end, isClosed] of [['error', false], ['end', true], ['pagehide', true]]) {
    const source = connected();
    source.say('waiting', [{ at: '11:00' }]);
    if (end === 'pagehide') listeners.get('pagehide')();
    else source.say(end, {});
    assert.equal(shown(), null, end);
    assert.equal(source.isOpen, !isClosed, end);
  }
});
