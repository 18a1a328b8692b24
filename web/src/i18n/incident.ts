// As the log and sensors view names it.
export {wi, incidentWords} from './parts';
