/** Says in a few words how far a step is. */
export type Say = (text: string) => void;
