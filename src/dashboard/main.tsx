import './styles/tokens.css'
import './styles/base.css'
import './styles/ui.css'
import './styles/shell.css'
import { render } from 'preact'
import { startLive } from './lib/live.ts'
import { startTheme } from './lib/settings.ts'
import { App } from './shell/app.tsx'

startTheme()
startLive()
render(<App />, document.getElementById('page')!)
