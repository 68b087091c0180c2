/** What both a Worker and a MessagePort are. */
export type Channel = Pick<MessagePort, 'postMessage'> & Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

type Reply = { readonly value: unknown } | { readonly error: string };

/** Sends a question and waits for its answer; one question at a time on a channel. */
export function ask<Answer>(channel: Channel, question: unknown, transfer: Transferable[] = []): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (event: Event): void => {
      channel.removeEventListener('message', settle);
      const reply = (event as MessageEvent<Reply>).data;
      if ('error' in reply) reject(new Error(reply.error));
      else resolve(reply.value as Answer);
    };
    channel.addEventListener('message', settle);
    channel.postMessage(question, transfer);
  });
}

/** Answers every question on a channel; what the answer throws reaches the asker as an Error with the same text. */
export function answer<Question>(
  channel: Channel,
  handle: (question: Question, ports: readonly MessagePort[]) => Promise<unknown>,
): void {
  channel.addEventListener('message', (event) => {
    const { data, ports } = event as MessageEvent<Question>;
    handle(data, ports).then(
      (value) => channel.postMessage({ value }),
      (error: unknown) => channel.postMessage({ error: String(error) }),
    );
  });
}
