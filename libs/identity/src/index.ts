export { type Admission, admit } from './admit.ts';
export type { AdmissionSettings, AuthSettings } from './auth-settings.ts';
export { type Authenticator, createAuthenticator, type VerifiedIdentity } from './authenticator.ts';
export { type Credential, credentialOf, type RequestHeaders } from './credential.ts';
export { isHostAllowed } from './host.ts';
export { IdentityError, type IdentityErrorCode } from './identity-error.ts';
export { isOriginAllowed } from './origin.ts';
export { createTicket, hashTicket } from './ticket.ts';
