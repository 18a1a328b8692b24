import {enIncident} from './en-incident';
export const wi = enIncident;
