// What was written and is not yet ready to be sent: a reason half typed, a text for the university. Kept in this browser.

const prefix = "zhunsheng-draft:";

/** Drafts of one person in one case, by name. What cannot be kept is gone with the page, and nothing else. */
export function drafts(name) {
  const key = (one) => `${prefix}${name}:${one}`;
  return {
    get(one) {
      try {
        return JSON.parse(localStorage.getItem(key(one))) ?? {};
      } catch {
        return {};
      }
    },
    set(one, value) {
      try {
        if (Object.values(value).some((part) => part !== "" && part !== null && part !== undefined)) localStorage.setItem(key(one), JSON.stringify(value));
        else localStorage.removeItem(key(one));
      } catch {
        // Then it lives as long as the page does.
      }
    },
    drop(one) {
      this.set(one, {});
    },
  };
}
