import type { ImageToImageArgs, ImageToImageOptions } from 'tintype';
import { byId } from '../page-elements.js';
import { createConsentDialog } from './consent-dialog.js';
import type { HostingState, HostingWish } from './hosting-choices.js';
import { createHostingPanel } from './hosting-panel.js';
import { policyInWords, promiseInWords, trafficInWords } from './hosting-words.js';
import { ownPolicy, readPagePolicy } from './page-policy.js';
import { createTrafficCounter, NOTHING_SENT, type Sent } from './traffic.js';

/** What one call is made with, and what it sent so far. */
export interface HostedCall {
  readonly args: ImageToImageArgs;
  readonly options: ImageToImageOptions;
  sent(): Sent;
}

/** All about services: the settings, the question before each picture, the count of what left. */
export interface Hosting {
  /** Why a run should wait to be asked for, in words; undefined if it begins in the page. */
  hurdle(): string | undefined;
  /**
   * Makes a call ready. Where nothing may be sent it is left as it is.
   * @param onAsking Called when the owner is about to be asked.
   */
  prepare(args: ImageToImageArgs, signal: AbortSignal, onAsking: () => void): HostedCall;
}

/** @param onChange Called when it was settled anew where a run would begin. */
export function createHosting(onChange: () => void): Hosting {
  const policy = ownPolicy();
  const mayConnect = readPagePolicy(policy, location.origin);
  const isStrict = !mayConnect(new URL('https://router.huggingface.co/'));
  const ask = createConsentDialog();
  const showTraffic = (total: Sent) => {
    for (const place of document.querySelectorAll('.traffic')) place.textContent = trafficInWords(total);
  };
  const traffic = createTrafficCounter(showTraffic);
  const panel = createHostingPanel({ address: location.href, mayConnect }, (state) => {
    tell(state);
    onChange();
  });

  function tell(state: HostingState): void {
    const wish = wishOf(state);
    byId('promise', HTMLElement).textContent = promiseInWords(wish);
    byId('page-policy', HTMLElement).textContent = policyInWords(wish, isStrict);
  }
  tell(panel.state());
  showTraffic(NOTHING_SENT);

  return {
    hurdle() {
      const wish = wishOf(panel.state());
      if (wish === undefined || wish.mode === 'local-first') return undefined;
      return `This asks first, then sends it to ${wish.recipient}.`;
    },
    prepare(args, signal, onAsking) {
      const wish = wishOf(panel.state());
      if (wish === undefined) return { args, options: {}, sent: () => NOTHING_SENT };
      const { fetch, sent } = traffic.forCall();
      const withToken = wish.token === undefined ? args : { ...args, accessToken: wish.token };
      const consent: ImageToImageOptions['consent'] = (request) => {
        onAsking();
        return ask(request, withToken, signal);
      };
      return { args: withToken, options: { mode: wish.mode, hosted: wish.hosted, consent, fetch }, sent };
    },
  };
}

function wishOf(state: HostingState): HostingWish | undefined {
  return state.kind === 'ready' ? state.wish : undefined;
}
