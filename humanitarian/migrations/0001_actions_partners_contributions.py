import aimprogress.core.ids
import aimprogress.core.scoping
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members', '0002_row_security'),
    ]

    operations = [
        migrations.CreateModel(
            name='PartnerOrganisation',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=160, unique=True, verbose_name='name')),
                ('short_name', models.CharField(max_length=40, verbose_name='short name')),
                ('type', models.CharField(choices=[('UN', 'United Nations'), ('RCRC', 'Red Cross and Red Crescent'), ('INGO', 'International NGO'), ('NNGO', 'National NGO'), ('UNION', 'Trade union'), ('GOV', 'Government'), ('POOLED_FUND', 'Pooled fund'), ('PRIVATE', 'Private sector'), ('FOUNDATION', 'Foundation'), ('FAITH', 'Faith-based'), ('OTHER', 'Other')], max_length=12, verbose_name='type')),
                ('identifier', models.CharField(blank=True, max_length=40, verbose_name='identifier (IATI)')),
                ('countries', models.JSONField(blank=True, default=list, verbose_name='countries')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('organisation', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='partner_entry', to='members.organisation')),
            ],
            options={
                'ordering': ['short_name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('kind', models.CharField(choices=[('CASH', 'Money'), ('IN_KIND', 'Goods'), ('SERVICE', 'Service'), ('MATCH', 'Match of staff donations'), ('STAFF_TIME', 'Staff time')], default='CASH', max_length=10, verbose_name='kind')),
                ('purpose', models.CharField(blank=True, max_length=160, verbose_name='for what')),
                ('country', models.CharField(blank=True, max_length=2, verbose_name='country')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('committed', models.DecimalField(decimal_places=2, max_digits=18, validators=[django.core.validators.MinValueValidator(0)], verbose_name='committed')),
                ('disbursed', models.DecimalField(decimal_places=2, default=0, max_digits=18, validators=[django.core.validators.MinValueValidator(0)], verbose_name='paid or handed over')),
                ('committed_on', models.DateField(verbose_name='committed on')),
                ('disbursed_on', models.DateField(blank=True, null=True, verbose_name='last paid on')),
                ('earmarking', models.CharField(choices=[('NONE', 'None'), ('COUNTRY', 'Country'), ('SECTOR', 'Sector'), ('PROJECT', 'Project')], default='NONE', max_length=8, verbose_name='earmarking')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contributions', to='humanitarian.partnerorganisation', verbose_name='partner')),
            ],
            options={
                'ordering': ['-committed_on', '-id'],
                'indexes': [models.Index(fields=['organisation', '-committed_on', '-id'], name='humanitaria_organis_722c7b_idx'), models.Index(fields=['-committed_on', '-id'], name='humanitaria_committ_978cf2_idx'), models.Index(fields=['partner'], name='humanitaria_partner_caea09_idx')],
            },
        ),
        migrations.CreateModel(
            name='SafetyAction',
            fields=[
                ('id', models.UUIDField(default=aimprogress.core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('number', models.PositiveIntegerField(default=0, editable=False)),
                ('title', models.CharField(max_length=160, verbose_name='what has to be done')),
                ('type', models.CharField(choices=[('PREVENT', 'Prevent'), ('MITIGATE', 'Mitigate'), ('RESPOND', 'Respond'), ('RECOVER', 'Recover')], default='PREVENT', max_length=8, verbose_name='kind')),
                ('owner_role', models.CharField(max_length=80, verbose_name='who (a role, no name)')),
                ('due_on', models.DateField(verbose_name='until')),
                ('status', models.CharField(choices=[('OPEN', 'Open'), ('IN_PROGRESS', 'In progress'), ('BLOCKED', 'Blocked'), ('DONE', 'Done'), ('CANCELLED', 'Cancelled')], default='OPEN', max_length=12, verbose_name='status')),
                ('blocked_by', models.CharField(blank=True, max_length=200, verbose_name='what blocks it')),
                ('done_on', models.DateField(blank=True, editable=False, null=True, verbose_name='done on')),
                ('evidence', models.CharField(blank=True, max_length=300, verbose_name='how we know it is done')),
                ('effect', models.CharField(choices=[('NOT_YET', 'Not known yet'), ('NONE', 'No effect'), ('SOME', 'Some effect'), ('FULL', 'Full effect')], default='NOT_YET', max_length=8, verbose_name='effect')),
                ('origin', models.CharField(blank=True, choices=[('', 'Entered by hand'), ('PLAN', 'Gap in a plan'), ('CHECK_IN', 'Check-in'), ('ISSUE', 'Human-rights issue')], default='', editable=False, max_length=9)),
                ('origin_id', models.UUIDField(blank=True, editable=False, null=True)),
                ('origin_key', models.CharField(blank=True, editable=False, max_length=40)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.organisation')),
                ('site', aimprogress.core.scoping.ScopedForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='safety_actions', to='members.site')),
            ],
            options={
                'ordering': ['due_on', 'id'],
                'indexes': [models.Index(fields=['organisation', 'due_on', 'id'], name='humanitaria_organis_ce06fa_idx'), models.Index(fields=['due_on', 'id'], name='humanitaria_due_on_2fbad7_idx'), models.Index(fields=['organisation', 'status', 'due_on'], name='humanitaria_organis_72f6a8_idx'), models.Index(fields=['site', 'due_on'], name='humanitaria_site_id_a54c58_idx')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'number'), name='action_number_once')],
            },
        ),
    ]
