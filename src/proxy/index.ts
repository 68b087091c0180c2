/** `tintype/proxy`: for an application's server, so that its page holds no token. Web-standard APIs only. */

export { createHostedProxy } from './create-hosted-proxy.js';
export type { HostedProxy, HostedProxyOptions, ProxyRequestFacts } from './options.js';
