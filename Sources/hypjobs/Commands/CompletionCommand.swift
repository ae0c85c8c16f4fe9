import ArgumentParser

/// `hypjobs completion bash`.
struct CompletionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a completion script for a shell.",
        discussion: """
            Examples:
              hypjobs completion bash > /etc/bash_completion.d/hypjobs
              hypjobs completion zsh > ~/.zfunc/_hypjobs
              hypjobs completion fish > ~/.config/fish/completions/hypjobs.fish
            """)

    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    mutating func run() async throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Terminal.write(HypJobs.completionScript(for: kind) + "\n", to: 1)
    }
}
