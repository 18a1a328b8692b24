// As the log and sensors view names it.
export {wl, logWords} from './parts';
