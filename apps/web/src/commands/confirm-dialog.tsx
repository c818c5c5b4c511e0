import { type ReactElement, useEffect, useId, useRef } from 'react';
import type { Question } from '../words/command-words.ts';
import { CommandButton } from './command-button.tsx';

/** Asks before something that cannot be taken back. Stays open with the reason when the server refuses or is away. */
export function ConfirmDialog({
  question,
  doing,
  isBusy,
  refusal,
  testId,
  onConfirm,
  onClose,
}: {
  question: Question;
  doing: string;
  isBusy: boolean;
  refusal: string | null;
  testId: string;
  onConfirm: () => void;
  onClose: () => void;
}): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      onClose={onClose}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-words`}
    >
      <h2 id={`${id}-title`}>{question.title}</h2>
      <p id={`${id}-words`}>{question.words}</p>
      <div role="alert">{refusal !== null && <p className="field-error">{refusal}</p>}</div>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          {question.keep}
        </button>
        <CommandButton
          name={question.confirm}
          doing={doing}
          isBusy={isBusy}
          look="button-danger-solid"
          testId={testId}
          onPress={onConfirm}
        />
      </div>
    </dialog>
  );
}
