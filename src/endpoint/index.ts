/** `tintype/endpoint`: Hugging Face's hosted image-to-image API, answered in the page. */

export type { LoadingClient } from './background-loads.js';
export type { InPageClient, InPageEndpointOptions } from './in-page-endpoint.js';
export { createInPageFetch, type InPageFetchOptions } from './in-page-fetch.js';
