let hasWarned = false;

/** Says once on the console that whoever opens the page can take a long-lived token out of it. */
export function warnOfToken(token: string | undefined): void {
  if (hasWarned || token === undefined || !/^hf_(?!oauth_|jwt_)/.test(token) || typeof document === 'undefined') return;
  hasWarned = true;
  console.warn(
    'Tintype: a long-lived Hugging Face token is used in a page; everybody who opens the page can read it. Use a proxy of your own ' +
      '(tintype/proxy, endpointUrl) or OAuth with the scope inference-api. hosted: { warnsOfToken: false } silences this.',
  );
}
