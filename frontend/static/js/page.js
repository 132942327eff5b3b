/** What every page carries: the custom elements. Each works, or is not missed, when this never runs. */

import './elements/leave-quickly.js';
import './elements/copy-text.js';
import './elements/held-until.js';
import './elements/join-button.js';
import './elements/local-zone.js';
import './elements/next-door.js';
import './elements/private-notes.js';
import './elements/session-end.js';
import './elements/sound-and-picture.js';
import './elements/time-left.js';
import './elements/week-grid.js';
import './elements/who-waits.js';
