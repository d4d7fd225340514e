/** Mounts the page and connects it to the recorder. */
import './styles/base.css';
import './styles/shell.css';
import './styles/header.css';
import './styles/camera-list.css';
import './styles/events.css';
import './styles/stage.css';
import './styles/clip-player.css';
import './styles/clip-bar.css';
import './styles/controls.css';
import './styles/facts.css';
import './styles/why.css';
import './styles/why-chart.css';
import { render } from 'preact';
import { App } from './pages/app.tsx';
import { startState } from './state/start.ts';
import { startTitle } from './title.ts';

const root = document.getElementById('app');
if (!root) throw new Error('Expected an element with the id "app" in index.html but found none');
render(<App />, root);
startState();
startTitle();
