// The language in use. One for now; the choice belongs here and nowhere else.
import {en, type Words} from './en';
export const w: Words = en;
