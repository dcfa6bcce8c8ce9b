"""The scripts that let a shell ask traject what may be typed next, one for each shell.

A script hands over the words before the cursor, the last one incomplete, in _TRAJECT_WORDS with
a line for each, and reads lines of three fields between tabs: kind (plain, file, dir), value,
help. They are ASCII alone, so that no shell can misread them.
"""

from __future__ import annotations

BASH = r"""_traject_completion() {
    local kind value command=${1/#\~/$HOME}
    COMPREPLY=()
    while IFS=$'\t' read -r kind value _; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
        esac
    done < <(
        IFS=$'\n'
        _TRAJECT_WORDS="${COMP_WORDS[*]:0:COMP_CWORD+1}" _TRAJECT_TYPE=$COMP_TYPE \
            _TRAJECT_COLUMNS=$COLUMNS _TRAJECT_COMPLETE=bash_complete "$command" 2>/dev/null
    )
}
complete -o nosort -F _traject_completion traject 2>/dev/null ||
    complete -F _traject_completion traject
"""

ZSH = r"""#compdef traject
_traject() {
    local -a described plain fields
    local line command=${(Q)words[1]/#\~/$HOME}
    for line in ${(f)"$(
        _TRAJECT_WORDS="${(pj:\n:)words[1,CURRENT-1]}"$'\n'"$PREFIX" \
            _TRAJECT_COMPLETE=zsh_complete "$command" 2>/dev/null
    )"}; do
        fields=("${(@ps:\t:)line}")
        case $fields[1] in
            plain)
                if [[ -n $fields[3] ]]; then
                    described+=("${fields[2]//:/\\:}:$fields[3]")
                else
                    plain+=("$fields[2]")
                fi ;;
            dir) _path_files -/ ;;
            file) _path_files -f ;;
        esac
    done
    (( $#described )) && _describe -V traject described -U
    (( $#plain )) && compadd -U -V traject -a plain
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _traject "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _traject traject
fi
"""

FISH = r"""function __traject_complete
    set -l current (commandline -ct)
    set -l typed (commandline -opc) "$current"
    set -l name (string replace -r '^~' $HOME -- $typed[1])
    set -l asked $typed[1]
    for word in $typed[2..-1]
        set asked "$asked"\n"$word"
    end
    for line in (env _TRAJECT_WORDS="$asked" _TRAJECT_COMPLETE=fish_complete $name 2>/dev/null)
        set -l fields (string split -m 2 \t -- $line)
        switch $fields[1]
            case dir
                __fish_complete_directories "$current"
            case file
                __fish_complete_path "$current"
            case plain
                printf '%s\t%s\n' $fields[2] $fields[3]
        end
    end
end
complete --no-files --keep-order --command traject --arguments '(__traject_complete)'
"""

POWERSHELL = r"""Register-ArgumentCompleter -Native -CommandName traject, traject.exe -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text })
    if (-not $wordToComplete) { $words += '' }
    $encoding = [Console]::OutputEncoding
    $lines = @()
    try {
        [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
        $env:_TRAJECT_WORDS = $words -join "`n"
        $env:_TRAJECT_COMPLETE = 'powershell_complete'
        $lines = @(& $commandAst.GetCommandName() 2>$null)
    } catch {
        $lines = @()
    } finally {
        Remove-Item Env:_TRAJECT_WORDS, Env:_TRAJECT_COMPLETE -ErrorAction SilentlyContinue
        [Console]::OutputEncoding = $encoding
    }
    foreach ($line in $lines) {
        $kind, $value, $about = $line -split "`t", 3
        if ($kind -eq 'plain') {
            $shown = $value
            $tip = $value
            if ($about) { $shown = "$value  $about"; $tip = $about }
            [System.Management.Automation.CompletionResult]::new(
                $value, $shown, 'ParameterValue', $tip)
        } elseif ($kind -eq 'file' -or $kind -eq 'dir') {
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
        }
    }
}
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH, "powershell": POWERSHELL}
