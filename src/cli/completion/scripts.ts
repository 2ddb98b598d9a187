/** Shells that completion is made for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type ShellName = (typeof SHELLS)[number]

/**
 * What a shell is told once. Each asks `keyhound complete answer -- WORDS...` for what may stand at the last word: a line a suggestion, its
 * description after a tab; `:files` and `:folders` leave the rest to the shell. Nothing that was typed is evaluated.
 */
export const SCRIPTS: Readonly<Record<ShellName, string>> = {
  // Words break at @ and = by default, which would take default@1 apart; npm's completion does the same.
  bash: `# keyhound: completion for bash; load it with: source <(keyhound complete bash)
COMP_WORDBREAKS=\${COMP_WORDBREAKS//[@=]/}
_keyhound_complete() {
  local current=\${COMP_WORDS[COMP_CWORD]} line path
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files)
        compopt -o filenames 2>/dev/null
        while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -f -- "$current") ;;
      :folders)
        compopt -o filenames 2>/dev/null
        while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -d -- "$current") ;;
      ?*) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${COMP_WORDS[0]}" complete answer -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _keyhound_complete keyhound`,

  zsh: `#compdef keyhound
# keyhound: completion for zsh; load it with: source <(keyhound complete zsh), after compinit
_keyhound() {
  local -a lines answers
  local line
  lines=("\${(@f)$("\${words[1]}" complete answer -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${lines[@]}"; do
    case $line in
      :files) _files ;;
      :folders) _files -/ ;;
      *$'\\t'*) answers+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      ?*) answers+=("\${line//:/\\\\:}") ;;
    esac
  done
  (( \${#answers} )) && _describe keyhound answers
}
compdef _keyhound keyhound`,

  fish: `# keyhound: completion for fish; load it with: keyhound complete fish | source
function __keyhound_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (keyhound complete answer -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':folders'
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end
complete -c keyhound -f -a '(__keyhound_complete)'`,

  // Before 7.3 PowerShell leaves out empty arguments: --next says that a new word begins.
  powershell: `# keyhound: completion for PowerShell; load it with: keyhound complete powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName keyhound -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    $next = if ($wordToComplete -eq '') { @('--next') } else { @() }
    & keyhound complete answer @next '--' @words 2>$null | ForEach-Object {
        if ($_ -eq ':files' -or $_ -eq ':folders') {
            Get-ChildItem -Name "$wordToComplete*" | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
        } elseif ($_ -ne '') {
            $value, $description = $_ -split "\`t", 2
            if (-not $description) { $description = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $description)
        }
    }
}`,
}
