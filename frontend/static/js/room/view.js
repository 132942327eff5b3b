/**
 * The page: the only file, with tiles.js, door.js and people.js beside it, that touches the DOM. Every text stands in the
 * templates; here things are shown, hidden and filled with names.
 */
import { DevicesView } from './devices-view.js';
import { sentence } from './sentences.js';
import { Tiles, part } from './tiles.js';

/** @typedef {import('./protocol.js').Participant} Participant */
/** @typedef {import('./link.js').LinkState} LinkState */
/** @typedef {import('./media.js').Choice} Choice */
/** @typedef {import('./media.js').Device} Device */
/** @typedef {import('./media.js').Trouble} Trouble */
/** @typedef {import('./signaling.js').Reason} Reason */
/** @typedef {'connecting' | 'knocked' | 'back' | 'refused' | 'later'} WaitingStep */
/** @typedef {{microphone: boolean, camera: boolean}} MediaState */
/**
 * What a person can do on this page.
 * @typedef {{openBoth(): void, openVoice(): void, openNone(): void, choose(device: Device | 'speaker', id: string): void,
 *   enter(): void, mute(): void, camera(): void, knockAgain(): void, stopWaiting(): void, leave(): void,
 *   end(): void, comeBack(): void}} Deeds
 */

export class View {
  /** @param {HTMLElement} room @param {{onFrame: () => void}} events */
  constructor(room, events) {
    this.room = room;
    this.tiles = new Tiles(part(room, '#tiles'), this.#template('#tile-template'), {
      onFrame: events.onFrame,
      onSoundRefused: () => (part(room, '#sound-on').hidden = false),
    });
    this.isHost = room.dataset.role === 'host';
    const top = part(room, '#top'); // on a phone, what opens below leaves it uncovered: who knocks, and what is said to one alone
    new ResizeObserver(() => part(room, '#call').style.setProperty('--top', `${top.offsetHeight}px`)).observe(top);
  }

  /** @param {Deeds} deeds */
  listen(deeds) {
    this.#click('#open-both', deeds.openBoth);
    this.#click('#retry-devices', deeds.openBoth);
    this.#click('#open-voice', deeds.openVoice);
    this.#click('#open-none', deeds.openNone);
    this.#click('#enter', deeds.enter);
    this.#clickAll('#mute, #before-mute', deeds.mute);
    this.#clickAll('#camera, #before-camera', deeds.camera);
    this.#click('#stop-waiting', deeds.stopWaiting);
    this.#click('#sound-on', () => this.#soundOn());
    this.devices = new DevicesView(this.room, deeds.choose);
    this.#clickAll('[data-knock-again]', deeds.knockAgain);
    this.#clickAll('[data-come-back]', deeds.comeBack);
    this.#listenToLeaving(deeds);
  }

  // — before —

  /** @param {'asking' | 'ready'} step */
  before(step) {
    const section = part(this.room, '#before');
    const moved = section.hidden || section.dataset.step !== step;
    section.dataset.step = step;
    this.#only('#before');
    if (moved) this.#focus(step === 'ready' ? '#enter' : '#before-title');
  }

  /** While the browser asks its own question. @param {boolean} busy */
  asking(busy) {
    for (const id of ['#open-both', '#open-voice', '#open-none', '#retry-devices']) {
      part(this.room, id).toggleAttribute('disabled', busy);
    }
  }

  /** @param {Trouble[]} troubles */
  troubles(troubles) {
    const place = part(this.room, '#device-troubles');
    place.replaceChildren(
      ...troubles.map(({ device, cause }) => {
        const line = document.createElement('p');
        line.textContent = sentence(this.room, `${device}-${cause}`);
        return line;
      }),
    );
    place.hidden = troubles.length === 0;
    const again = troubles.some(({ cause }) => cause !== 'unsupported');
    part(this.room, '#open-both [data-first]').hidden = again;
    part(this.room, '#open-both [data-again]').hidden = !again;
    part(this.room, '#retry-devices').hidden = !again;
  }

  /** @param {Device | 'speaker'} device @param {Choice[]} choices @param {string | undefined} chosen */
  choices(device, choices, chosen) {
    this.devices?.show(device, choices, chosen);
  }

  /** @param {number} level 0 to 1 */
  level(level) {
    const bar = part(this.room, '#level');
    bar.style.setProperty('--level', level.toFixed(3));
    bar.setAttribute('aria-valuenow', String(Math.round(level * 100)));
  }

  // — this person —

  /**
   * Own picture, and what the controls say.
   * @param {MediaState} state @param {MediaStreamTrack | null} camera @param {boolean} hasMicrophone
   */
  own(state, camera, hasMicrophone) {
    for (const id of ['#self-video', '#preview-video']) {
      const video = /** @type {HTMLVideoElement} */ (part(this.room, id));
      const shown = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0] : undefined;
      if (shown !== (camera ?? undefined)) video.srcObject = camera && new MediaStream([camera]);
    }
    for (const id of ['#self', '#preview']) {
      part(this.room, id).dataset.camera = camera ? 'on' : 'off';
      part(this.room, id).dataset.microphone = state.microphone ? 'on' : 'off';
    }
    for (const id of ['#mute', '#before-mute']) part(this.room, id).setAttribute('aria-pressed', String(!state.microphone));
    for (const id of ['#camera', '#before-camera']) part(this.room, id).setAttribute('aria-pressed', String(camera === null));
    part(this.room, '#mode-voice').hidden = camera !== null || !hasMicrophone;
    part(this.room, '#mode-listen').hidden = camera !== null || hasMicrophone;
    part(this.room, '.room-level').hidden = !hasMicrophone;
  }

  // — waiting —

  /** @param {WaitingStep} step */
  waiting(step) {
    const section = part(this.room, '#waiting');
    const moved = section.hidden || section.dataset.step !== step;
    section.dataset.step = step;
    this.#only('#waiting');
    if (moved) {
      this.trouble(null);
      this.#focus(`#waiting [data-only="${step}"] h1`);
    }
  }

  /** @param {boolean} here whether the therapist is in the room */
  knocked(here) {
    this.hostIs(here);
    if (part(this.room, '#waiting').dataset.step !== 'back' || part(this.room, '#waiting').hidden) this.waiting('knocked');
  }

  /** The therapist asks to wait outside for a while. @param {boolean} here */
  sentBack(here) {
    this.hostIs(here);
    this.waiting('back');
  }

  /** The knock was not heard; what the therapist said before stays on the page. */
  knockLater() {
    if (part(this.room, '#waiting').dataset.step !== 'refused') this.waiting('later');
  }

  /** @param {boolean} here */
  hostIs(here) {
    part(this.room, '#host-here').hidden = !here;
    part(this.room, '#host-away').hidden = here;
  }

  /** @param {string} text what the therapist wrote, or nothing */
  refusal(text) {
    const place = part(this.room, '#refusal-text');
    place.textContent = text;
    place.hidden = text === '';
    this.waiting('refused');
  }

  // — the call —

  call() {
    const moved = part(this.room, '#call').hidden;
    this.#only('#call');
    if (moved) this.#focus(this.tiles.count === 0 ? '#call-title' : '#mute');
    this.#alone();
  }

  /** @param {Participant} participant */
  came(participant) {
    this.tiles.show(participant);
    this.#alone();
  }

  /** @param {string} seat */
  went(seat) {
    this.tiles.remove(seat);
    this.#alone();
  }

  /** Who can hear this person now, where not all in the room can. @param {string[]} hearing @param {string[]} apart names */
  hearing(hearing, apart) {
    const key = apart.length === 0 ? null : hearing.length === 0 ? 'heard-by-nobody' : 'heard-by';
    const line = part(this.room, '#hearing');
    const said = key === null ? '' : sentence(this.room, key, { name: hearing.join(' and '), apart: apart.join(' and ') });
    if (line.textContent === said) return;
    line.textContent = said;
    line.hidden = key === null;
    line.dataset.heard = hearing.length === 0 ? 'nobody' : 'some';
    part(this.room, '#status').textContent = said || sentence(this.room, 'together');
    this.#alone();
  }

  /** A sentence that stays while it is so. @param {string | null} key */
  trouble(key) {
    for (const id of ['#banner', '#waiting-trouble']) {
      part(this.room, id).hidden = key === null;
      part(this.room, id).textContent = key === null ? '' : sentence(this.room, key);
    }
    if (key !== null) this.say(key);
  }

  /** A device that fails during the call; before it the page has a place of its own. @param {Trouble | null} trouble */
  deviceTrouble(trouble) {
    if (!part(this.room, '#before').hidden) this.troubles(trouble ? [trouble] : []);
    else this.trouble(trouble && `${trouble.device}-${trouble.cause}`);
  }

  /** A line that was lost, or found again, is said where nobody looks. @param {string} seat @param {LinkState} state @param {string} name */
  link(seat, state, name) {
    const was = this.tiles.link(seat, state);
    if (state === 'unsteady' && was === 'connected') this.say('line-lost', name);
    if (state === 'connected' && was === 'unsteady') this.say('line-found', name);
  }

  /** Tell those who listen to the page. @param {string} key @param {string} [name] */
  say(key, name = '') {
    part(this.room, '#status').textContent = sentence(this.room, key, { name });
  }

  // — after —

  /** @param {Reason} reason */
  after(reason) {
    this.tiles.clear();
    this.trouble(null);
    part(this.room, '#sound-on').hidden = true;
    for (const dialog of this.room.querySelectorAll('dialog')) dialog.close();
    this.#only(`[data-after="${reason}"]`);
    this.#focus(`[data-after="${reason}"] h1`);
  }

  // — inside this file —

  /** The therapist chooses between leaving and ending; a client just leaves. @param {Deeds} deeds */
  #listenToLeaving(deeds) {
    if (!this.isHost) {
      this.#click('#leave', deeds.leave);
      return;
    }
    const dialog = /** @type {HTMLDialogElement} */ (part(this.room, '#leave-dialog'));
    this.#click('#leave', () => dialog.showModal());
    this.#click('#stay', () => dialog.close());
    this.#click('#leave-now', () => (dialog.close(), deeds.leave()));
    this.#click('#end', () => (dialog.close(), deeds.end()));
  }

  #soundOn() {
    part(this.room, '#sound-on').hidden = true;
    void this.tiles.playAll();
  }

  #alone() {
    part(this.room, '#alone').hidden = this.tiles.count > 0 || !part(this.room, '#hearing').hidden;
  }

  /** @param {string} selector the one section that is shown */
  #only(selector) {
    const shown = part(this.room, selector);
    for (const section of this.room.querySelectorAll(':scope > section')) {
      if (section instanceof HTMLElement) section.hidden = section !== shown;
    }
    document.body.classList.toggle('in-call', selector === '#call');
  }

  /** @param {string} selector */
  #focus(selector) {
    part(this.room, selector).focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  /** @param {string} selector @param {() => void} act */
  #click(selector, act) {
    part(this.room, selector).addEventListener('click', () => act());
  }

  /** @param {string} selector @param {() => void} act */
  #clickAll(selector, act) {
    for (const found of this.room.querySelectorAll(selector)) found.addEventListener('click', () => act());
  }

  /** @param {string} selector */
  #template(selector) {
    return /** @type {HTMLTemplateElement} */ (part(this.room, selector));
  }
}
