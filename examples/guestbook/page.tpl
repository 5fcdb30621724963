<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Guest book</title>
<link rel="stylesheet" href="{{url('style')}}">
</head>
<body>
<a class="skip" href="#entries">Skip to the entries</a>
<header>
  <div class="wide">
    <h1>Guest book</h1>
    <p>{{total}} {{'entry' if total == 1 else 'entries'}} so far. Leave yours.</p>
  </div>
</header>
<main class="wide">
% if saved and not faults:
  <p class="note saved" role="status">Thank you, your entry is in the book.</p>
% end
% if faults:
  <div class="note fault" role="alert">
    <p>That did not work yet:</p>
    <ul>
% for field, fault in faults.items():
      <li><a href="#{{field}}">{{fault}}</a></li>
% end
    </ul>
  </div>
% end
  <section class="sign" aria-labelledby="sign-title">
    <h2 id="sign-title">Sign the book</h2>
    <form method="post" action="{{url('home')}}" enctype="multipart/form-data">
      <p class="field">
        <label for="name">Your name</label>
        <input id="name" name="name" required maxlength="{{limits['name']}}" autocomplete="name" value="{{values.get('name', '')}}"{{!' aria-invalid="true"' if 'name' in faults else ''}}>
      </p>
      <p class="field">
        <label for="message">Your message</label>
        <textarea id="message" name="message" required maxlength="{{limits['message']}}" rows="5"{{!' aria-invalid="true"' if 'message' in faults else ''}}>
{{values.get('message', '')}}</textarea>
      </p>
      <p class="field">
        <label for="picture">A picture <span class="optional">optional</span></label>
        <input id="picture" name="picture" type="file" accept="{{accepted}}" aria-describedby="picture-hint"{{!' aria-invalid="true"' if 'picture' in faults else ''}}>
        <span class="hint" id="picture-hint">PNG, JPEG, GIF or WebP, at most {{megabytes}} MiB</span>
      </p>
      <p class="field">
        <label for="description">What the picture shows <span class="optional">optional</span></label>
        <input id="description" name="description" maxlength="{{limits['description']}}" aria-describedby="description-hint" value="{{values.get('description', '')}}"{{!' aria-invalid="true"' if 'description' in faults else ''}}>
        <span class="hint" id="description-hint">For visitors who can not see it</span>
      </p>
      <button>Sign</button>
    </form>
  </section>
  <section class="entries" id="entries" aria-labelledby="entries-title" tabindex="-1">
    <h2 id="entries-title">Entries</h2>
% if not entries:
    <p class="empty">No one has signed yet. You could be the first.</p>
% end
% for entry in entries:
    <article aria-labelledby="entry-{{entry.id}}">
      <div class="initial tint{{sum(map(ord, entry.name)) % 6}}" aria-hidden="true">{{entry.name[:1].upper()}}</div>
      <div class="words">
        <div class="by">
          <h3 id="entry-{{entry.id}}">{{entry.name}}</h3>
          <time datetime="{{entry.written}}">{{when(entry.written)}}</time>
        </div>
        <p class="message">{{entry.message}}</p>
% if entry.picture:
        <img src="{{url('picture', name=entry.picture)}}" alt="{{entry.description or 'Picture by ' + entry.name + ', not described'}}" loading="lazy">
% end
      </div>
    </article>
% end
% if pages > 1:
    <nav aria-label="Pages">
% if number > 1:
      <a href="{{url('home')}}?page={{number - 1}}" rel="prev">Newer</a>
% end
      <span>Page {{number}} of {{pages}}</span>
% if number < pages:
      <a href="{{url('home')}}?page={{number + 1}}" rel="next">Older</a>
% end
    </nav>
% end
  </section>
</main>
<footer>
  <p class="wide">Answered by process {{process}}; load the page again to meet another.
    The same as <a href="{{url('api')}}">JSON</a> or <a href="{{url('stream')}}">piece by piece</a>.</p>
</footer>
</body>
</html>
