import {enEvent} from './en-event';
export const we = enEvent;
