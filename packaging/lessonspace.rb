# Homebrew formula; `.ci/release` fills in the values in double braces.
class Lessonspace < Formula
  desc "Launch Lessonspace online classrooms from the command line"
  homepage "{{repository}}"
  version "{{version}}"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "{{releases}}/lessonspace-{{version}}-aarch64-apple-darwin.tar.gz"
      sha256 "{{sha256 aarch64-apple-darwin.tar.gz}}"
    end
    on_intel do
      url "{{releases}}/lessonspace-{{version}}-x86_64-apple-darwin.tar.gz"
      sha256 "{{sha256 x86_64-apple-darwin.tar.gz}}"
    end
  end

  on_linux do
    on_arm do
      url "{{releases}}/lessonspace-{{version}}-aarch64-unknown-linux-musl.tar.gz"
      sha256 "{{sha256 aarch64-unknown-linux-musl.tar.gz}}"
    end
    on_intel do
      url "{{releases}}/lessonspace-{{version}}-x86_64-unknown-linux-musl.tar.gz"
      sha256 "{{sha256 x86_64-unknown-linux-musl.tar.gz}}"
    end
  end

  def install
    bin.install "lessonspace"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/lessonspace.bash" => "lessonspace"
    zsh_completion.install "completions/_lessonspace"
    fish_completion.install "completions/lessonspace.fish"
  end

  test do
    assert_match "https://", shell_output("#{bin}/lessonspace launch --sandbox --id x --quiet")
  end
end
