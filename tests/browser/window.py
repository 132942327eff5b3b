"""What a window does around the page of a call: it is turned, left, and kept lit."""

from playwright.async_api import Page

# Every lock on the screen that the page was given.
WATCH_LOCKS = """
  window.__locks = [];
  const ask = WakeLock.prototype.request;
  WakeLock.prototype.request = async function (type) {
    const lock = await ask.call(this, type);
    window.__locks.push(lock);
    return lock;
  };
"""

# Controls that stick out of the window, or lie over each other.
MISPLACED = """() => {
  const found = [...document.querySelectorAll('#bar button, .leave-button')].filter((each) => each.checkVisibility());
  const places = found.map((each) => ({ name: each.innerText, ...each.getBoundingClientRect().toJSON() }));
  const outside = ({ left, top, right, bottom }) => left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
  const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const isMet = (one, at) => places.some((other, beside) => beside > at && meet(one, other));
  const wrong = places.filter((one, at) => outside(one) || isMet(one, at));
  return [...wrong.map(({ name }) => name), ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : [])];
}"""

MOVING = """() => [...document.querySelectorAll('*')].filter((each) => {
  const { animationName, transitionDuration } = getComputedStyle(each);
  return animationName !== 'none' || transitionDuration.split(',').some((one) => parseFloat(one) > 0);
}).map((each) => each.outerHTML.slice(0, 80))"""

SEEN = """(state) => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""

# A connection says that it has lost its way, or found it, whatever is so.
LINE = """(state) => {
  for (const connection of window.__connections.filter((each) => each.connectionState !== 'closed')) {
    if (state === null) delete connection.connectionState;
    else Object.defineProperty(connection, 'connectionState', { value: state, configurable: true });
    connection.dispatchEvent(new Event('connectionstatechange'));
  }
}"""


async def watch_locks(page: Page) -> None:
    """To be called before the room is opened."""
    await page.add_init_script("{" + WATCH_LOCKS + "}")


async def lit(page: Page, locks: int) -> None:
    """Until so many locks keep the screen lit."""
    await page.wait_for_function(
        "(count) => window.__locks.filter(({ released }) => !released).length === count", arg=locks
    )


async def fits(page: Page, width: int, height: int) -> None:
    """In a window of that size every control of the call has its own place."""
    await page.set_viewport_size({"width": width, "height": height})
    found = await page.evaluate(MISPLACED)
    assert not found, f"at {width}x{height}: {found}"


async def stands_still(page: Page) -> None:
    """Nothing on the page moves or fades."""
    found = await page.evaluate(MOVING)
    assert not found, "\n".join(found)


async def out_of_sight(page: Page) -> None:
    """As the page sees it; a headless browser hides none."""
    await page.evaluate(SEEN, "hidden")


async def back_in_sight(page: Page) -> None:
    await page.evaluate(SEEN, "visible")


async def line_says(page: Page, state: str | None) -> None:
    """What its connections say of themselves from now on; None for what is so. `watch` was called before."""
    await page.evaluate(LINE, state)
