import testing from './testing.js';
export const { TestBroker, useBroker } = testing;
