"use client";

import { useId, useLayoutEffect, useRef, type ReactNode } from "react";

interface Props {
  title: string;
  children: ReactNode;
  actions: ReactNode;
  onClose: () => void;
  /** An alertdialog asks for a decision; a dialog only tells. */
  role?: "alertdialog" | "dialog";
}

/**
 * A modal question. It is open as long as it is mounted; the browser keeps the focus inside, closes it by Esc and
 * gives the focus back. The element with `data-autofocus` among the actions is focused first. Opened and closed in a
 * layout effect: only an element that is still in the page can give the focus back.
 */
export function Dialog({ title, children, actions, onClose, role = "alertdialog" }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element || element.open) return;
    element.showModal();
    element.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => element.close();
  }, []);

  return (
    <dialog
      ref={dialog} className="dialog" role={role} aria-labelledby={`${id}-title`} aria-describedby={`${id}-body`}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="dialog-inner">
        <h2 id={`${id}-title`}>{title}</h2>
        <div id={`${id}-body`} className="dialog-body">{children}</div>
        <div className="dialog-actions">{actions}</div>
      </div>
    </dialog>
  );
}
