// What Streamlit loads: a component that puts the page into the place it is given.

import { mount } from "./main.js";

export default function component({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".zf-root");
  const key = JSON.stringify(data);
  if (root.dataset.key === key) return root.leave;
  root.leave?.();
  root.dataset.key = key;
  const leave = mount(root, { ...data, choose: (subject) => setTriggerValue("subject", subject) });
  root.leave = () => {
    leave();
    delete root.dataset.key;
  };
  return root.leave;
}
