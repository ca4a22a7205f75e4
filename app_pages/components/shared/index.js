// What the pages' library loads: it fetches the page's own modules and puts the page into the place it is given.

const modules = ({ modules, page }) => import(new URL(`${modules}/${page}/main.js`, window.location.origin).href);

export default function component({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".zf-root");
  const key = JSON.stringify(data);
  if (root.dataset.key === key) return root.leave;
  root.leave?.();
  root.dataset.key = key;
  let left = false;
  let unmount = () => {};
  root.leave = () => {
    left = true;
    unmount();
    delete root.dataset.key;
  };
  modules(data).then(
    ({ mount }) => {
      if (!left) unmount = mount(root, { ...data, choose: (name, value) => setTriggerValue(name, value) });
    },
    () => {
      root.textContent = "这一页没能取全，请检查网络后刷新。填过的内容都在。";
    },
  );
  return root.leave;
}
