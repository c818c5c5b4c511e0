import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useApp } from '../app-context.ts';

/** Asks before it cancels. Stays open with the reason when the server refuses or is away. */
export function CancelDialog({
  jobId,
  many,
  onClose,
}: {
  jobId: string;
  many: string;
  onClose: () => void;
}): ReactElement {
  const { api } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isSending, setIsSending] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);

  const confirm = async (): Promise<void> => {
    setIsSending(true);
    setFailure(null);
    try {
      await api.cancelJob(jobId);
      onClose();
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
      setIsSending(false);
    }
  };

  return (
    <dialog ref={dialog} className="dialog" onClose={onClose} aria-labelledby="cancel-title">
      <h2 id="cancel-title">Cancel this job?</h2>
      <p>
        What is fetched stays. The {many} still pending or running are cancelled, and the job cannot be taken
        up again.
      </p>
      {failure && (
        <p className="field-error" role="alert">
          {failure}
        </p>
      )}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Keep it running
        </button>
        <button
          type="button"
          className="button button-danger-solid"
          data-testid="confirm-cancel"
          disabled={isSending}
          onClick={() => void confirm()}
        >
          {isSending ? 'Cancelling…' : 'Cancel job'}
        </button>
      </div>
    </dialog>
  );
}
